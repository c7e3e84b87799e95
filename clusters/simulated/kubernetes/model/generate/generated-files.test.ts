import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from './generated-files.ts';
import { withLineBreaks } from './line-breaks.ts';

test('generating again changes nothing', async () => {
  const files = await generatedFiles();
  expect([...files.keys()].sort()).toEqual(['descriptions.json', 'objects.ts', 'schema.json']);
  const stale = [...files].filter(
    ([name, text]) => readFileSync(join(import.meta.dirname, '..', 'generated', name), 'utf8') !== text,
  );
  expect(stale.map(([name]) => name)).toEqual([]);
});

test('line breaks come back where an older copy has them', () => {
  expect(withLineBreaks('One new.  Two:   - a   - b', ['One old.\n\nTwo:\n- a\n- b', 'new.\n\nTwo:'])).toBe(
    'One new.\n\nTwo:\n  - a\n  - b',
  );
  expect(withLineBreaks('Same  text.', ['Same\n\ntext.'])).toBe('Same\n\ntext.');
});
