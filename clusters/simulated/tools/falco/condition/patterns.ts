/**
 * Whether a text is one that a pattern with `*`, `?` and `[…]` describes, as fnmatch(3). Goes back to the last star only, so that no pattern
 * takes long.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  const steps = pattern.match(/\[!?\]?[^\]]*\]|\\.|[^]/g) ?? [];
  let [at, step, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    const now = steps[step];
    if (now === '*') {
      [star, from] = [step, at];
      step += 1;
    } else if (now !== undefined && matchesOne(text[at] ?? '', now)) {
      at += 1;
      step += 1;
    } else if (star >= 0) {
      from += 1;
      [at, step] = [from, star + 1];
    } else return false;
  }
  while (steps[step] === '*') step += 1;
  return step === steps.length;
}

function matchesOne(character: string, step: string): boolean {
  if (step === '?') return true;
  if (step.startsWith('\\') && step.length === 2) return character === step[1];
  if (!step.startsWith('[') || step.length < 3) return character === step;
  const isNot = step[1] === '!';
  const inside = step.slice(isNot ? 2 : 1, -1);
  let holds = false;
  for (let i = 0; i < inside.length; i++) {
    const first = inside[i] ?? '';
    if (inside[i + 1] === '-' && i + 2 < inside.length) {
      holds ||= character >= first && character <= (inside[i + 2] ?? '');
      i += 2;
    } else holds ||= character === first;
  }
  return holds !== isNot;
}

/** `pmatch`: whether a path is the one that is named, or lies below it; parts may be patterns (userspace/libsinsp/prefix_search.h). */
export function matchesPath(path: string, prefix: string): boolean {
  const parts = (one: string): readonly string[] => one.split('/').filter((part) => part !== '');
  const [of, wanted] = [parts(path), parts(prefix)];
  return wanted.length <= of.length && wanted.every((part, i) => matchesGlob(of[i] ?? '', part));
}
