import { expect, test } from 'vitest';
import { pullFailure } from './pull-failure.ts';

test.each([
  [
    '(HTTP code 500) server error - Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    'Docker reaches no registry (Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host)',
  ],
  ['manifest for nginx:9 not found: manifest unknown', /^the registry has none for this machine \(/],
  ['toomanyrequests: You have reached your pull rate limit.', /^the registry lets Docker pull no more for now \(/],
  [
    'pull access denied for a/b, repository does not exist or may require login: denied: requested',
    /without a login \(/,
  ],
  ['something else', 'it could not be pulled (something else)'],
])('%s', (said, meaning) => {
  expect(pullFailure(new Error(said))).toMatch(meaning);
});
