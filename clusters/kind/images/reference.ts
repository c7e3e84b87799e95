/**
 * References to images as Docker and containerd read them: `nginx:1.27` is `docker.io/library/nginx:1.27`.
 * https://pkg.go.dev/github.com/distribution/reference
 */

const DOMAIN = String.raw`(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?:(${DOMAIN})/)?(${COMPONENT}(?:/${COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$`,
);

/** With registry, path and tag; undefined for what is no reference. A digest stays, and with one nothing is called `latest`. */
export function canonicalReference(text: string): string | undefined {
  if (text.length > 512) return undefined;
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const hasRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const full = hasRegistry ? text : `docker.io/${slash === -1 ? 'library/' : ''}${text}`;
  const match = REFERENCE.exec(full.replace(/^index\.docker\.io\//, 'docker.io/'));
  if (match === null) return undefined;
  const [, domain = '', path = '', tag, digest] = match;
  const suffix = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return `${domain}/${path}${suffix === '' ? ':latest' : suffix}`;
}

/** The registry of a canonical reference: `docker.io`, `registry.k8s.io`, `localhost:5000`. */
export const registryOf = (canonical: string): string => canonical.slice(0, canonical.indexOf('/'));

/** As people write it, and as Docker lists it: without `docker.io/` and `library/`. */
export const familiarReference = (canonical: string): string => canonical.replace(/^docker\.io\/(library\/)?/, '');
