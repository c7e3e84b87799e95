import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { createPki, type Pki } from '../pki/pki.ts';
import { STORED_PLAIN } from '../encryption/transformer.ts';
import { realClock, type Clock } from '../../clock.ts';
import { createControlPlane, type ControlPlane } from '../control-plane.ts';
import { realRandomness } from '../randomness.ts';
import { builtInResources } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import { ApiError } from '../status.ts';
import { ANONYMOUS } from '../authentication/user.ts';
import type { ComponentHealth } from './component-health.ts';
import type { ProxyNetwork } from './proxy/network.ts';
import type { Security } from './security.ts';

/** A control plane on a loopback port, for tests and benchmarks: certificates count, whoever has one may do everything. */
export interface TestBed extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly pki: Pki;
  readonly port: number;
  /** PEM of an administrator's certificate and key. */
  readonly admin: { readonly certificate: string; readonly key: string };
  readonly log: string[];
  /** One request as the administrator, over HTTP/1.1. A body that is no string is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The administrator's credentials for other clients of Node's. */
  readonly credentials: { readonly ca: string; readonly cert: string; readonly key: string; readonly port: number };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; empty when it is none. */
  readonly json: AnyObject;
}

/** JSON whose shape a test knows. */
export interface AnyObject {
  readonly [field: string]: AnyObject;
}

export interface TestBedOptions {
  readonly clock?: Clock;
  readonly rows?: readonly Resource[];
  readonly security?: Partial<Security>;
  readonly network?: ProxyNetwork;
  readonly componentHealth?: ComponentHealth;
}

export async function startTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const pki = createPki({
    now: Date.now(),
    controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const admin = pki.clientCertificate({ commonName: 'admin', organizations: ['system:masters'] });
  const serving = pki.servingCertificate({
    commonName: 'kube-apiserver',
    dnsNames: ['localhost'],
    addresses: ['127.0.0.1'],
  });
  const log: string[] = [];
  const controlPlane = createControlPlane({
    clock: options.clock ?? realClock,
    randomness: realRandomness,
    rows: options.rows ?? builtInResources(),
    secure: () => Promise.resolve({ ok: { ...openSecurity(pki, serving), ...options.security } }),
    log: (line) => void log.push(line),
    ...(options.network === undefined ? {} : { network: options.network }),
    ...(options.componentHealth === undefined ? {} : { componentHealth: options.componentHealth }),
  });
  const started = await controlPlane.start([]);
  if ('failed' in started) throw new Error(started.failed);
  const namespaces = controlPlane.cluster.resource('namespaces');
  for (const name of ['default', 'kube-system']) {
    await controlPlane.cluster.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const server = createServer();
  controlPlane.serve(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const credentials = { ca: pki.certificateAuthority, cert: admin.certificate, key: admin.key, port };
  return {
    controlPlane,
    pki,
    port,
    credentials,
    call: (method, path, body, headers) => call(credentials, { method, path, body, headers }),
    admin: { certificate: admin.certificate, key: admin.key },
    log,
    async [Symbol.asyncDispose]() {
      controlPlane.stop();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

function call(credentials: TestBed['credentials'], { method, path, body, headers }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = httpsRequest(
    {
      ...credentials,
      host: '127.0.0.1',
      method,
      path,
      agent: false,
      headers: {
        'User-Agent': 'test/1',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') && text !== '';
        const json = (isJson ? JSON.parse(text) : {}) as AnyObject;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
      response.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  return promise;
}

function openSecurity(pki: Pki, serving: { certificate: string; key: string }): Security {
  return {
    serving: {
      bindAddress: '127.0.0.1',
      port: 6443,
      certificate: serving.certificate,
      key: serving.key,
      clientCa: pki.certificateAuthority,
      minVersion: 'TLSv1.2',
      ciphers: undefined,
      curves: undefined,
    },
    authenticator: {
      authenticate({ certificate, certificateRejected }) {
        if (certificateRejected) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
        if (!certificate) return ANONYMOUS;
        const groups = [...certificate.organizations, 'system:authenticated'];
        return { username: certificate.commonName, groups, extra: {} };
      },
    },
    authorizer: {
      authorize: ({ user }) =>
        user.groups.includes('system:masters')
          ? { decision: 'allow', reason: '' }
          : { decision: 'no opinion', reason: '' },
    },
    rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
    admission: { mutate: () => {}, validate: () => {} },
    encryption: STORED_PLAIN,
    audit: undefined,
    tokens: {
      request: () => Promise.reject(new ApiError(501, 'NotImplemented', 'not simulated: tokens of a test bed')),
      review: () => Promise.reject(new ApiError(501, 'NotImplemented', 'not simulated: tokens of a test bed')),
      discovery: () => undefined,
    },
    kubelet: { certificate: undefined, key: undefined, certificateAuthority: undefined },
    profiling: false,
    requestTimeout: 60,
    impersonate: () => undefined,
    [Symbol.dispose]: () => {},
  };
}

/** A kubeconfig with those credentials, as kubectl reads it. */
export function kubeconfigOf({ port, pki, admin }: Pick<TestBed, 'port' | 'pki' | 'admin'>): string {
  const data = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'lab',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': data(pki.certificateAuthority),
        },
      },
    ],
    users: [
      {
        name: 'admin',
        user: { 'client-certificate-data': data(admin.certificate), 'client-key-data': data(admin.key) },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
    'current-context': 'lab',
  });
}
