// Splits text into words as a shell would, and does nothing else a shell would: no variables, commands, globs or comments.

export function words(text) {
  const found = [];
  let word = null;
  let quote = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    const next = text[i + 1];
    if (quote === "'") {
      if (c === "'") quote = null;
      else word += c;
    } else if (c === '\\' && next !== undefined && (quote === null || next === '"' || next === '\\')) {
      word = (word ?? '') + next;
      i++;
    } else if (quote === '"') {
      if (c === '"') quote = null;
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (quote !== null) throw new Error(`a ${quote} is not closed`);
  if (word !== null) found.push(word);
  return found;
}
