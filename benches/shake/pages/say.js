// One line of the page's output.
export function say(what, value) {
  console.log(what + ' ' + JSON.stringify(value));
}

export function shout(what) {
  console.log(what.toUpperCase());
}
