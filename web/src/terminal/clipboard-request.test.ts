import { expect, test } from 'vitest';
import { clipboardRequest } from './clipboard-request.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['c;', 'kubectl get pods'],
  [';', 'naïve 🔑'],
])('copies what a program writes to the selection %s', (selection, text) => {
  expect(clipboardRequest(`${selection}${base64(text)}`)).toBe(text);
});

test.each([
  ['a question for the clipboard', 'c;?'],
  ['nothing', 'c;'],
  ['no separator', base64('x')],
  ['text that is not Base64', 'c;%%%'],
  ['bytes that are not UTF-8', 'c;/w=='],
  ['more than 100 kB', `c;${base64('a'.repeat(100_003))}`],
])('refuses %s', (_, payload) => {
  expect(clipboardRequest(payload)).toBeUndefined();
});
