import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { findContents } from '../../images/contents/find-contents.ts';
import { IMAGES } from '../../images/table.ts';
import { targetsOf } from './scan.ts';
import { tableReport } from './table-report.ts';

const filter = {
  severities: ['HIGH', 'CRITICAL'],
  ignoreUnfixed: false,
  packageTypes: ['os', 'library'],
  ignored: new Set<string>(),
} as const;

function reportOf(reference: string, columns: number | undefined): string {
  const found = findContents(IMAGES, reference);
  if (found.outcome !== 'found') throw new Error(`${reference} has no contents`);
  const targets = targetsOf(reference, found.contents, filter);
  const report = {
    artifact: reference,
    type: 'container_image',
    os: found.contents.os,
    image: undefined,
    targets,
  } as const;
  return tableReport(report, filter.severities, columns, true);
}

const lines = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => /^[│├┌└]/.test(line));

test.each([120, 140, 200])('a terminal of %i columns is not overrun, and colours move no line', (columns) => {
  const report = reportOf('nginx:1.27-alpine', columns);
  expect(report).toContain('\u001b[91mHIGH\u001b[0m');
  const widths = new Set(
    lines(report)
      .slice(5)
      .map(({ length }) => length),
  );
  expect(widths.size).toBe(1);
  expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
});

test('a pipe gets no colours, however wide', () => {
  expect(reportOf('nginx:1.27-alpine', undefined)).not.toContain('\u001b');
});

test('an image without distribution has a summary of nothing', () => {
  expect(lines(reportOf('busybox:1.36', undefined)).at(-2)).toMatch(/^│ +- +│ +- +│ +- +│ +- +│$/);
});
