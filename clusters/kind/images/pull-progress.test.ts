import { expect, test } from 'vitest';
import { PullProgress } from './pull-progress.ts';

const downloading = (id: string, current: number, total: number) => ({
  id,
  status: 'Downloading',
  progressDetail: { current, total },
});

test('a pull is told by its tenths, over all layers that are known', () => {
  const progress = new PullProgress('node');
  const lines = [
    { status: 'Pulling from kindest/node', id: 'v1.36.4' },
    downloading('a', 1e6, 100e6),
    downloading('a', 2e6, 100e6),
    downloading('a', 55e6, 100e6),
    downloading('b', 0, 100e6),
    downloading('b', 60e6, 100e6),
    'nonsense',
    { id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 2 } },
  ].map((event) => progress.heard(event));
  expect(lines.filter((line) => line !== undefined)).toEqual([
    'pulling node: 0 % of 100 MB',
    'pulling node: 50 % of 100 MB',
  ]);
});
