import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestPki {
  /** `ca.crt`, `ca.key`, `server.crt`, `server.key`, `client.crt`, `client.key`. */
  path(file: string): string;
  text(file: string): string;
}

/** Makes a CA, a server certificate for 127.0.0.1 and a client's for `O=system:masters, CN=admin`, with openssl, for tests. */
export async function makeTestPki(resources: AsyncDisposableStack): Promise<TestPki> {
  const folder = await mkdtemp(join(tmpdir(), 'test-pki-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca', '-days', '2');
  await writeFile(join(folder, 'ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:node01\n');
  for (const [name, subject] of [
    ['server', '/CN=server'],
    ['client', '/O=system:masters/CN=admin'],
  ] as const) {
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-extfile',
      'ext',
    );
  }
  return { path: (file) => join(folder, file), text: (file) => readFileSync(join(folder, file), 'utf8') };
}
