import { describe, expect, it } from 'vitest';
import { closingLine, countTests } from './closing-line.ts';

describe('the closing line of a run', () => {
  it('counts tests over all files', () => {
    const counts = countTests(
      [
        { states: ['passed', 'passed', 'skipped'], broken: false },
        { states: ['failed', 'passed', 'pending'], broken: true },
      ],
      0,
    );
    expect(closingLine(counts)).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('counts a file that does not load as a failure', () => {
    expect(countTests([{ states: [], broken: true }], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts an error outside every test as a failure', () => {
    expect(countTests([{ states: ['passed'], broken: false }], 2)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });
});
