// Places in a text, counted in characters as the server counts them: JavaScript counts UTF-16 units.

// Return the place of a UTF-16 offset, in characters.
export const characterAt = (text, offset) => [...text.slice(0, offset)].length;

// Return where a node and offset of a selection lie in the words, in UTF-16 units.
export function offsetIn(words, node, offset) {
  const before = document.createRange();
  before.setStart(words, 0);
  before.setEnd(node, offset);
  return before.toString().length;
}

// Return the range of the words from one UTF-16 offset to another, through however many pieces.
export function rangeIn(words, start, end) {
  const range = document.createRange();
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  let passed = 0;
  let began = false;
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    const { length } = node.data;
    if (!began && start < passed + length) {
      range.setStart(node, start - passed);
      began = true;
    }
    if (began && end <= passed + length) {
      range.setEnd(node, end - passed);
      return range;
    }
    passed += length;
  }
  return null;
}
