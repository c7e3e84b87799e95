/**
 * Whether a text fits a pattern in which `*` stands for any characters and `?` for one (fnmatch(3), without sets). No regular expression: a
 * learner's pattern must not be able to take for ever.
 */
export function fitsPattern(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  /** Where the last `*` stands, and how far the text was when it had taken what it has. */
  let star = -1;
  let taken = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++;
      taken = at;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      next = star + 1;
      at = ++taken;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
