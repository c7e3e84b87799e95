import { type Directive, Emergency } from './parse.ts';

export interface Listen {
  readonly port: number;
  readonly isTls: boolean;
  readonly isDefault: boolean;
}

/** What decides over a request, inherited from the outer to the inner block. */
export interface Scope {
  readonly root: string;
  readonly alias: string | undefined;
  readonly index: readonly string[];
  readonly tryFiles: readonly string[];
  readonly answer: { readonly code: number; readonly text: string } | undefined;
  readonly proxyTo: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly access: readonly { readonly allows: boolean; readonly from: string }[];
  readonly type: string;
  readonly tokens: boolean;
}

export interface Location extends Scope {
  readonly match: '=' | '^~' | '~' | '~*' | '';
  readonly path: string;
}

export interface ServerBlock extends Scope {
  readonly listens: readonly Listen[];
  readonly names: readonly string[];
  readonly locations: readonly Location[];
  readonly tls: {
    readonly certificate: string | undefined;
    readonly key: string | undefined;
    readonly clientAuthority: string | undefined;
    readonly verify: 'on' | 'off' | 'optional' | 'optional_no_ca';
    readonly protocols: readonly string[];
  };
}

export interface NginxConfig {
  readonly servers: readonly ServerBlock[];
  readonly upstreams: ReadonlyMap<string, string>;
  /** Directives that are known to nginx and not to the model. */
  readonly unmodelled: readonly string[];
}

/** Directives without an effect on what is answered: known, and let pass. */
const HARMLESS = new Set(
  `user worker_processes error_log pid events worker_connections multi_accept use types sendfile tcp_nopush tcp_nodelay keepalive_timeout
  keepalive_requests log_format access_log types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size
  server_names_hash_max_size client_max_body_size client_body_timeout client_header_timeout send_timeout client_body_buffer_size
  client_header_buffer_size large_client_header_buffers gzip gzip_types gzip_vary gzip_proxied gzip_min_length gzip_comp_level
  ssl_session_cache ssl_session_timeout ssl_session_tickets ssl_ciphers ssl_prefer_server_ciphers ssl_dhparam ssl_ecdh_curve
  ssl_verify_depth ssl_stapling ssl_stapling_verify proxy_set_header proxy_http_version proxy_connect_timeout proxy_read_timeout
  proxy_send_timeout proxy_buffering proxy_redirect proxy_ssl_verify proxy_ssl_server_name proxy_buffers proxy_buffer_size charset
  worker_rlimit_nofile client_body_temp_path proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path resolver
  resolver_timeout expires etag log_not_found reset_timedout_connection daemon master_process http2 absolute_redirect
  port_in_redirect server_name_in_redirect autoindex error_page open_file_cache recursive_error_pages`.split(/\s+/),
);

/** Known to nginx, with an effect that is not modelled. */
const UNMODELLED = new Set(
  `rewrite if set auth_basic auth_basic_user_file auth_request limit_req limit_req_zone limit_conn limit_conn_zone map geo split_clients
  stub_status sub_filter fastcgi_pass uwsgi_pass grpc_pass mirror internal satisfy proxy_cache proxy_cache_path stream load_module
  limit_except ssl_crl real_ip_header set_real_ip_from valid_referers secure_link perl js_import env`.split(/\s+/),
);

const MODELLED = new Set(
  `http server location listen server_name root alias index try_files return proxy_pass add_header allow deny default_type server_tokens
  upstream ssl_certificate ssl_certificate_key ssl_client_certificate ssl_trusted_certificate ssl_verify_client ssl_protocols`.split(
    /\s+/,
  ),
);

const OUTSIDE: Scope = {
  root: '/etc/nginx/html',
  alias: undefined,
  index: ['index.html'],
  tryFiles: [],
  answer: undefined,
  proxyTo: undefined,
  headers: [],
  access: [],
  type: 'text/plain',
  tokens: true,
};

/** What a configuration says, as far as it is modelled. Throws `Emergency` as nginx -t would (https://nginx.org/en/docs/dirindex.html). */
export function readConfig(directives: readonly Directive[]): NginxConfig {
  const unmodelled = new Set<string>();
  check(directives, unmodelled);
  if (!directives.some(({ name }) => name === 'events')) throw new Emergency('no "events" section in configuration');
  const http = directives.filter(({ name }) => name === 'http').flatMap(({ block }) => block ?? []);
  const outer = scopeOf(OUTSIDE, http);
  const tls = tlsOf(undefined, http);
  const upstreams = new Map<string, string>();
  for (const { name, args, block } of http) {
    const first = (block ?? []).find((one) => one.name === 'server')?.args[0];
    if (name === 'upstream' && first !== undefined) upstreams.set(args[0] ?? '', first);
  }
  const servers = http.filter(({ name }) => name === 'server').map((server) => serverOf(server, outer, tls));
  return { servers, upstreams, unmodelled: [...unmodelled] };
}

function check(directives: readonly Directive[], unmodelled: Set<string>): void {
  for (const { name, args, block, file, line } of directives) {
    const place = `in ${file}:${line}`;
    if (UNMODELLED.has(name)) unmodelled.add(name);
    else if (!HARMLESS.has(name) && !MODELLED.has(name)) throw new Emergency(`unknown directive "${name}" ${place}`);
    const isBlock = ['http', 'server', 'location', 'events', 'upstream', 'types'].includes(name);
    if (isBlock && block === undefined && !(name === 'server' && args.length > 0))
      throw new Emergency(`directive "${name}" has no opening "{" ${place}`);
    if (MODELLED.has(name) && !isBlock && args.length === 0)
      throw new Emergency(`invalid number of arguments in "${name}" directive ${place}`);
    if (block !== undefined && name !== 'types' && !UNMODELLED.has(name)) check(block, unmodelled);
  }
}

function serverOf({ block = [], file, line }: Directive, outer: Scope, outerTls: ServerBlock['tls']): ServerBlock {
  const scope = scopeOf(outer, block);
  const tls = tlsOf(outerTls, block);
  const listens = block.filter(({ name }) => name === 'listen').map(listenOf);
  if (listens.length === 0) listens.push({ port: 80, isTls: false, isDefault: false });
  if (listens.some(({ isTls }) => isTls) && tls.certificate === undefined)
    throw new Emergency(`no "ssl_certificate" is defined for the "listen ... ssl" directive in ${file}:${line}`);
  if (listens.some(({ isTls }) => isTls) && tls.key === undefined)
    throw new Emergency(`no "ssl_certificate_key" is defined for certificate "${tls.certificate}"`);
  if (tls.verify !== 'off' && tls.clientAuthority === undefined)
    throw new Emergency(`no ssl_client_certificate for ssl_verify_client`);
  return {
    ...scope,
    listens,
    names: block.filter(({ name }) => name === 'server_name').flatMap(({ args }) => args),
    locations: locationsOf(block, scope),
    tls,
  };
}

function locationsOf(block: readonly Directive[], outer: Scope): Location[] {
  return block
    .filter(({ name }) => name === 'location')
    .flatMap(({ args, block: inner = [], file, line }) => {
      const [first = '', second] = args;
      if (first === '') throw new Emergency(`invalid number of arguments in "location" directive in ${file}:${line}`);
      if (second !== undefined && !['=', '^~', '~', '~*'].includes(first))
        throw new Emergency(`invalid location modifier "${first}" in ${file}:${line}`);
      const match = second === undefined ? '' : (first as Location['match']);
      // What a server answers by itself it answers before it looks for a location.
      const scope = {
        ...scopeOf({ ...outer, answer: undefined, proxyTo: undefined, tryFiles: outer.tryFiles }, inner),
      };
      return [{ ...scope, match, path: second ?? first }, ...locationsOf(inner, scope)];
    });
}

function listenOf({ args, file, line }: Directive): Listen {
  const [where = '', ...options] = args;
  const port = /^(?:.*:)?(\d+)$/.exec(where)?.[1];
  if (port === undefined && /^\[?[\d.:*a-z]+\]?$/.test(where))
    return { port: 80, isTls: options.includes('ssl'), isDefault: options.includes('default_server') };
  if (port === undefined || Number(port) < 1 || Number(port) > 65535)
    throw new Emergency(`invalid port in "${where}" of the "listen" directive in ${file}:${line}`);
  return { port: Number(port), isTls: options.includes('ssl'), isDefault: options.includes('default_server') };
}

function scopeOf(outer: Scope, block: readonly Directive[]): Scope {
  const last = (name: string): Directive | undefined => block.findLast((one) => one.name === name);
  const every = (name: string): readonly Directive[] => block.filter((one) => one.name === name);
  const headers = every('add_header').map(({ args }) => [args[0] ?? '', args[1] ?? ''] as const);
  const access = block
    .filter(({ name }) => name === 'allow' || name === 'deny')
    .map(({ name, args }) => ({ allows: name === 'allow', from: args[0] ?? 'all' }));
  const answer = block.find(({ name }) => name === 'return');
  const code = Number(answer?.args[0]);
  return {
    root: last('root')?.args[0] ?? outer.root,
    alias: last('alias')?.args[0],
    index: last('index')?.args ?? outer.index,
    tryFiles: last('try_files')?.args ?? outer.tryFiles,
    answer:
      answer === undefined
        ? outer.answer
        : Number.isInteger(code)
          ? { code, text: answer.args[1] ?? '' }
          : { code: 302, text: answer.args[0] ?? '' },
    proxyTo: last('proxy_pass')?.args[0] ?? outer.proxyTo,
    headers: headers.length > 0 ? headers : outer.headers,
    access: access.length > 0 ? access : outer.access,
    type: last('default_type')?.args[0] ?? outer.type,
    tokens: (last('server_tokens')?.args[0] ?? (outer.tokens ? 'on' : 'off')) !== 'off',
  };
}

function tlsOf(outer: ServerBlock['tls'] | undefined, block: readonly Directive[]): ServerBlock['tls'] {
  const last = (name: string): string | undefined => block.findLast((one) => one.name === name)?.args[0];
  const authority = last('ssl_client_certificate') ?? last('ssl_trusted_certificate');
  return {
    certificate: last('ssl_certificate') ?? outer?.certificate,
    key: last('ssl_certificate_key') ?? outer?.key,
    clientAuthority: authority ?? outer?.clientAuthority,
    verify: (last('ssl_verify_client') ?? outer?.verify ?? 'off') as ServerBlock['tls']['verify'],
    protocols: block.findLast(({ name }) => name === 'ssl_protocols')?.args ??
      outer?.protocols ?? ['TLSv1.2', 'TLSv1.3'],
  };
}

/** Which server answers a request for that host on that port (https://nginx.org/en/docs/http/request_processing.html). */
export function serverFor(servers: readonly ServerBlock[], port: number, host: string): ServerBlock | undefined {
  const here = servers.filter(({ listens }) => listens.some((listen) => listen.port === port));
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const matches = (pattern: string): boolean => {
    if (pattern.startsWith('~')) return safely(pattern.slice(1)).test(name);
    if (pattern.startsWith('*.')) return name.endsWith(pattern.slice(1));
    if (pattern.startsWith('.')) return name === pattern.slice(1) || name.endsWith(pattern);
    if (pattern.endsWith('.*')) return name.startsWith(pattern.slice(0, -1));
    return false;
  };
  return (
    here.find(({ names }) => names.includes(name)) ??
    here.find(({ names }) => names.some(matches)) ??
    here.find(({ listens }) => listens.some(({ port: its, isDefault }) => its === port && isDefault)) ??
    here[0]
  );
}

/** Which location answers (https://nginx.org/en/docs/http/ngx_http_core_module.html#location). */
export function locationFor({ locations }: ServerBlock, path: string): Location | undefined {
  const exact = locations.find(({ match, path: its }) => match === '=' && its === path);
  if (exact !== undefined) return exact;
  const longest = locations
    .filter(({ match, path: its }) => (match === '' || match === '^~') && path.startsWith(its))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (longest?.match === '^~') return longest;
  return (
    locations.find(
      ({ match, path: its }) => match.startsWith('~') && safely(its, match === '~*' ? 'i' : '').test(path),
    ) ?? longest
  );
}

/** A learner's pattern; one that takes nginx's own syntax for more than JavaScript's matches nothing. */
function safely(pattern: string, flags = ''): RegExp {
  try {
    // Nested repeats could keep the server busy for ever.
    return /[+*}][^()]*\)[+*{]/.test(pattern) || pattern.length > 200 ? /(?!)/ : new RegExp(pattern, flags);
  } catch {
    return /(?!)/;
  }
}
