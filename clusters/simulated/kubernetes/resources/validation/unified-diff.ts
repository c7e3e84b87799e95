/** Lines of context around a change. */
const CONTEXT = 3;

type Edit = { readonly is: 'same' | 'gone' | 'new'; readonly line: string };

/** A unified diff without file names, as pmezard/go-difflib writes it; empty when nothing differs. */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const edits = editsOf(before, after);
  const changed = edits.flatMap(({ is }, i) => (is === 'same' ? [] : [i]));
  const hunks: [number, number][] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    if (last && at - last[1] <= CONTEXT * 2) last[1] = at + 1;
    else hunks.push([at, at + 1]);
  }
  return hunks
    .map(([from, to]) => hunkOf(edits, Math.max(0, from - CONTEXT), Math.min(edits.length, to + CONTEXT)))
    .join('');
}

const SIGNS = { same: ' ', gone: '-', new: '+' } as const;

function hunkOf(edits: readonly Edit[], from: number, to: number): string {
  const count = (list: readonly Edit[], not: Edit['is']): number => list.filter(({ is }) => is !== not).length;
  const shown = edits.slice(from, to);
  const range = (not: Edit['is']): string => {
    const length = count(shown, not);
    const start = count(edits.slice(0, from), not) + (length === 0 ? 0 : 1);
    return length === 1 ? `${start}` : `${start},${length}`;
  };
  const body = shown.map(({ is, line }) => `${SIGNS[is]}${line}\n`).join('');
  return `@@ -${range('new')} +${range('gone')} @@\n${body}`;
}

/** The most lines that are compared one by one in the middle; beyond, all of it counts as replaced. */
const MOST_COMPARED = 1500;

/** The longest common subsequence between the common beginning and end. */
function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (line: string): Edit => ({ is: 'same', line });
  const middle = between(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)];
}

function between(a: readonly string[], b: readonly string[]): Edit[] {
  const gone = (line: string): Edit => ({ is: 'gone', line });
  const fresh = (line: string): Edit => ({ is: 'new', line });
  if (a.length === 0 || b.length === 0 || a.length > MOST_COMPARED || b.length > MOST_COMPARED) {
    return [...a.map(gone), ...b.map(fresh)];
  }
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [left = '', right = ''] = [a[i], b[j]];
    if (left === right) {
      edits.push({ is: 'same', line: left });
      i++;
      j++;
    } else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) {
      edits.push(gone(left));
      i++;
    } else {
      edits.push(fresh(right));
      j++;
    }
  }
  return [...edits, ...a.slice(i).map(gone), ...b.slice(j).map(fresh)];
}
