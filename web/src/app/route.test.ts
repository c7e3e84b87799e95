import { expect, test } from 'vitest';
import { LabId } from '../../../protocol/ids.ts';
import { labPath, routeOf } from './route.ts';

test('finds the way back to a lab from its path', () => {
  const lab = LabId.parse('abcdefghij');
  expect(routeOf(labPath(lab))).toEqual({ page: 'lab', lab });
});

test.each([
  ['/', { page: 'catalogue' }],
  ['/labs/', { page: 'lost', path: '/labs/' }],
  ['/labs/NOT-AN-ID', { page: 'lost', path: '/labs/NOT-AN-ID' }],
  ['/labs/abcdefghij/x', { page: 'lost', path: '/labs/abcdefghij/x' }],
])('shows for %s %o', (path, route) => {
  expect(routeOf(path)).toEqual(route);
});
