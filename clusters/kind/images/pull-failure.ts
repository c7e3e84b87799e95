/**
 * What Docker's words for a failed pull mean. Where they come from: Go's net package, distribution/registry/api/errcode, Docker Hub's
 * own answers.
 */
const MEANINGS: readonly (readonly [sign: RegExp, meaning: string])[] = [
  [
    /no such host|i\/o timeout|connection refused|network is unreachable|TLS handshake timeout/i,
    'Docker reaches no registry',
  ],
  [/toomanyrequests|rate limit/i, 'the registry lets Docker pull no more for now'],
  [
    /unauthorized|authentication required|access to the resource is denied|denied:/i,
    'the registry has none that may be pulled without a login',
  ],
  [/manifest unknown|not found|no matching manifest|name unknown/i, 'the registry has none for this machine'],
  [/x509|certificate/i, "Docker does not trust the registry's certificate"],
  [/no space left on device/i, "Docker's disk is full"],
];

/** Why an image could not be pulled, to follow "and": what is known to be meant, with what was said. */
export function pullFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.replace(/^\(HTTP code \d+\) [\w ]+ - /, '').trim();
  const meaning = MEANINGS.find(([sign]) => sign.test(said))?.[1] ?? 'it could not be pulled';
  return `${meaning} (${said})`;
}
