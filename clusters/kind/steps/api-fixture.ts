import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { KubeAccess } from '../../cluster.ts';
import { CertificateAuthority } from '../../pki/certificate-authority.ts';

/** For tests: an API server that answers by a script, and what it was asked. */
export interface ScriptedApi extends AsyncDisposable {
  readonly access: KubeAccess;
  /** `METHOD /path` in order. */
  readonly asked: readonly string[];
}

export type Answer = readonly [status: number, body: object];

/** The answers to each `METHOD /path`, one after another; the last one stays. What is not in the script is 404. */
export async function scriptedApi(script: Readonly<Record<string, readonly Answer[]>>): Promise<ScriptedApi> {
  const authority = new CertificateAuthority('kubernetes', Date.now() - 60_000, Date.now() + 3_600_000);
  const serving = authority.issue({
    subject: { commonName: 'kube-apiserver' },
    notBefore: Date.now() - 60_000,
    notAfter: Date.now() + 3_600_000,
    extendedKeyUsage: ['serverAuth'],
    addresses: ['127.0.0.1'],
  });
  const asked: string[] = [];
  const times = new Map<string, number>();
  const server = createServer({ cert: serving.certificate, key: serving.key }, (request, response) => {
    const key = `${request.method} ${request.url}`;
    asked.push(key);
    const time = times.get(key) ?? 0;
    times.set(key, time + 1);
    const answers = script[key] ?? [];
    const [status, body] = answers[Math.min(time, answers.length - 1)] ?? [404, { message: 'not in the script' }];
    const answer = (): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    void json(request).then(answer, answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    access: {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      certificateAuthority: authority.certificate,
      credential: { kind: 'none' },
    },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
