import { lastOption, optionTable, parseLine } from '../command-line.ts';
import type { StartFailure } from '../systemd/unit.ts';
import type { TlsFiles } from './etcd-tls.ts';

export interface EtcdFlags {
  readonly name: string;
  /** Absolute, or from where etcd was started. */
  readonly dataDir: string;
  readonly listen: readonly URL[];
  readonly metrics: readonly URL[];
  readonly advertised: readonly string[];
  readonly peers: readonly URL[];
  readonly client: TlsFiles;
  readonly peer: TlsFiles;
}

const FLAGS = optionTable(
  ...'--client-cert-auth --peer-client-cert-auth --auto-tls --peer-auto-tls --force-new-cluster --experimental-initial-corrupt-check --feature-gates --pre-vote --enable-v2 --enable-pprof'
    .split(' ')
    .map((flag) => `${flag}[=]`),
  ...'--name --data-dir --wal-dir --listen-client-urls --listen-peer-urls --listen-metrics-urls --advertise-client-urls --initial-advertise-peer-urls --initial-cluster --initial-cluster-state --initial-cluster-token --cert-file --key-file --trusted-ca-file --client-crl-file --client-cert-allowed-hostname --peer-cert-file --peer-key-file --peer-trusted-ca-file --peer-cert-allowed-cn --snapshot-count --heartbeat-interval --election-timeout --quota-backend-bytes --max-snapshots --max-wals --cors --cipher-suites --tls-min-version --tls-max-version --log-level --logger --log-outputs --auto-compaction-mode --auto-compaction-retention --experimental-watch-progress-notify-interval --watch-progress-notify-interval --max-request-bytes --strict-reconfig-check --metrics --auth-token'
    .split(' ')
    .map((flag) => `${flag}=`),
);

/** Reads etcd's command line, as its static pod's manifest gives it. Flags of etcd 3.5 (etcd.io/docs/v3.5/op-guide/configuration). */
export function readEtcdFlags(args: readonly string[]): EtcdFlags | StartFailure {
  const line = parseLine(args, FLAGS);
  if (line.outcome === 'wrong')
    return { status: 2, lines: [`flag provided but not defined: ${line.argument.replace(/^--/, '-')}`] };
  const { options } = line;
  const text = (name: string, usual = '') => lastOption(options, name) ?? usual;
  const urls = (name: string, usual: string) => text(name, usual).split(',').filter(Boolean);
  const bad = ['listen-client-urls', 'listen-peer-urls', 'listen-metrics-urls'].flatMap((name) =>
    urls(name, '').filter((url) => !isListenUrl(url)),
  );
  if (bad[0] !== undefined) {
    return {
      status: 1,
      lines: [`{"level":"warn","msg":"failed to verify flags","error":"expected IP in URL for binding (${bad[0]})"}`],
    };
  }
  const name = text('name', 'default');
  const filesOf = (prefix: string, url: string, listened: string): TlsFiles => {
    const auth = lastOption(options, `${prefix}client-cert-auth`);
    return {
      certFile: text(`${prefix}cert-file`),
      keyFile: text(`${prefix}key-file`),
      trustedCaFile: text(`${prefix}trusted-ca-file`),
      clientCertAuth: auth !== undefined && !['false', '0', 'f'].includes(auth.toLowerCase()),
      missing: `--${prefix}cert-file, --${prefix}key-file) must be provided for ${url} ${urls(listened, '')[0] ?? ''}`,
    };
  };
  return {
    name,
    dataDir: text('data-dir', `${name}.etcd`),
    listen: urls('listen-client-urls', 'http://localhost:2379').map((url) => new URL(url)),
    metrics: urls('listen-metrics-urls', '').map((url) => new URL(url)),
    advertised: urls('advertise-client-urls', 'http://localhost:2379'),
    peers: urls('listen-peer-urls', 'http://localhost:2380').map((url) => new URL(url)),
    client: filesOf('', 'client url', 'listen-client-urls'),
    peer: filesOf('peer-', 'peer url', 'listen-peer-urls'),
  };
}

function isListenUrl(text: string): boolean {
  return /^https?:\/\/(?:localhost|[\d.]+|\[[\da-f:]+\]):\d{1,5}$/.test(text);
}
