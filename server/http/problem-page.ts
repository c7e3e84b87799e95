import type { Problem } from '../../protocol/api.ts';

/**
 * A problem as a page of its own, for somebody who has opened an address in a browser: there the lab's page cannot be loaded to say it.
 * It needs no other file, so that it also stands where the page is not built.
 */
export function problemPage({ status, title, detail, nextStep = '' }: Problem): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${asText(title)} · Breachlab</title>
<style>
  :root { background: light-dark(#f5f3ee, #161b1d); color: light-dark(#1d2226, #e7e6e1); font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 34rem; margin: 20vh auto 0; padding: 0 1.5rem; overflow-wrap: anywhere }
  h1 { font-size: 1.3rem }
  a { color: light-dark(#0d5f66, #7cc4c1) }
</style>
<main>
<h1>${asText(title)}</h1>
<p>${asText(detail)}</p>
<p>${asText(nextStep)}</p>
${status === 404 ? '<p><a href="/">All scenarios</a></p>\n' : ''}</main>
</html>
`;
}

/** What came with a request is part of a problem's words. */
function asText(words: string): string {
  return words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
