import './style.css';

document.querySelector('#out').textContent = 'version 0';
document.querySelector('h1').addEventListener('click', () => import('./late.js').then(late => late.show()));
