/** Stars in one pattern; more would let a path be compared for long. */
const MOST_STARS = 4;

/**
 * A path of a file rule as a regular expression that Perl and JavaScript read alike, without anchors (apparmor.d(5), "Globbing"):
 * `*` stops at a slash, `**` does not, and behind a slash both stand for something. Undefined for what is not known here.
 */
export function pathPattern(path: string): string | undefined {
  if (!path.startsWith('/') || /@\{|\0|\n/.test(path) || (path.match(/\*+/g)?.length ?? 0) > MOST_STARS)
    return undefined;
  const steps = path.match(/\*\*|\\.|\[\^?[^\]]+\]|[^]/g) ?? [];
  let depth = 0;
  const parts = steps.map((step, i) => {
    const isWhole = steps[i - 1] === '/' && (steps[i + 1] === undefined || steps[i + 1] === '/');
    if (step === '**') return isWhole ? '[^/].*' : '.*';
    if (step === '*') return isWhole ? '[^/]+' : '[^/]*';
    if (step === '?') return '[^/]';
    if (step.length > 1 && step.startsWith('['))
      return `[${step.slice(1, -1).replaceAll(/[\\[\]$@&]/g, String.raw`\$&`)}]`;
    if (step === '{') {
      depth += 1;
      return '(?:';
    }
    if (step === '}') {
      depth -= 1;
      return ')';
    }
    if (step === ',' && depth > 0) return '|';
    return (step.length === 2 ? step.slice(1) : step).replace(/[^\w/]/, String.raw`\$&`);
  });
  return depth === 0 ? parts.join('') : undefined;
}
