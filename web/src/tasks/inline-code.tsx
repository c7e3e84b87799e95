/**
 * A sentence of a scenario whose `words in backticks` are set as code. No other markup: what a probe observed may be part of it.
 */
export function InlineCode({ text }: { text: string }) {
  const parts = text.split('`');
  // An odd backtick at the end is one of the text itself.
  const last = parts.length % 2 === 0 ? parts.length - 1 : parts.length;
  return parts.map((part, i) => {
    if (i === last) return `\`${part}`;
    // Places are all there is to tell the parts apart, and they never move.
    return i % 2 === 1 ? <code key={`${i}`}>{part}</code> : part;
  });
}
