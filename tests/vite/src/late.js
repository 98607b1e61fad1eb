import './late.css';

export const show = () => document.body.classList.add('late');
