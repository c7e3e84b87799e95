import type { Environment } from '@marcbachmann/cel-js';

class CelUrl {
  readonly url: URL;
  readonly text: string;
  constructor(text: string) {
    // url.ParseRequestURI takes absolute addresses and absolute paths.
    if (!/^([a-zA-Z][\w+.-]*:|\/)/.test(text) || /[\s]/.test(text)) {
      throw new Error(
        `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
      );
    }
    try {
      this.url = new URL(text, 'none://none');
    } catch (error) {
      throw new Error(
        `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
        { cause: error },
      );
    }
    this.text = text;
  }
  get scheme(): string {
    return this.url.protocol === 'none:' ? '' : this.url.protocol.slice(0, -1);
  }
  /** As it is written: JavaScript drops the usual port, Go does not. */
  get host(): string {
    return /^[a-zA-Z][\w+.-]*:\/\/(?:[^@/?#]*@)?([^/?#]*)/.exec(this.text)?.[1] ?? '';
  }
}

function isUrl(text: string): boolean {
  try {
    return new CelUrl(text).url !== undefined;
  } catch {
    return false;
  }
}

const query = ({ url }: CelUrl): Record<string, string[]> =>
  Object.fromEntries([...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)]));

/** apiserver/pkg/cel/library/urls.go */
export function urls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', { ctor: CelUrl, fields: {} })
    .registerFunction('isURL(string): bool', isUrl)
    .registerFunction('url(string): kubernetes.URL', (text: string) => new CelUrl(text))
    .registerFunction('kubernetes.URL.getScheme(): string', ({ scheme }: CelUrl) => scheme)
    .registerFunction('kubernetes.URL.getHost(): string', ({ host }: CelUrl) => host)
    .registerFunction('kubernetes.URL.getHostname(): string', ({ host }: CelUrl) =>
      host.startsWith('[') ? host.slice(1, host.indexOf(']')) : (host.split(':')[0] ?? ''),
    )
    .registerFunction('kubernetes.URL.getPort(): string', ({ host }: CelUrl) => /:(\d+)$/.exec(host)?.[1] ?? '')
    .registerFunction('kubernetes.URL.getEscapedPath(): string', ({ url, text }: CelUrl) =>
      url.pathname === '/' && !/^[^?#]*[^/:]\/(\?|#|$)|^\/(\?|#|$)/.test(text) ? '' : url.pathname,
    )
    .registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', query);
}
