import { expect, test } from 'vitest';
import { problemPage } from './problem-page.ts';

test('shows what came with a request as text', () => {
  const page = problemPage({ type: 'about:blank', status: 404, title: 'Not found', detail: '<b>"&\'' });
  expect(page).toContain('<p>&#60;b&#62;&#34;&#38;&#39;</p>');
});
