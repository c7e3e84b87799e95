import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Api } from './api.ts';
import type { SuiteResult } from './suite-result.ts';

const Expected = z.record(z.string(), z.object({ code: z.number(), message: z.string().optional() }));

/** The level's version that the fixtures were recorded with. */
const VERSION = 'v1.35';

/** Tries each recorded pod with dry-run in a namespace that enforces its level: the status code and the message must be the same. */
export async function podSecurityConformance(fixtures: string, api: Api): Promise<SuiteResult> {
  const suite = 'pod-security';
  const folder = join(fixtures, 'pod-security');
  const file = join(folder, 'expected.json');
  if (!existsSync(file))
    return { suite, passed: 0, total: 1, misses: [{ name: file, reason: 'there are no such fixtures' }] };
  const expected = Object.entries(Expected.parse(JSON.parse(readFileSync(file, 'utf8'))));
  for (const level of new Set(expected.map(([path]) => path.split('/')[0] ?? ''))) await makeNamespace(api, level);
  const misses: { name: string; reason: string }[] = [];
  for (const [path, wanted] of expected) {
    const level = path.split('/')[0] ?? '';
    const pod = parse(readFileSync(join(folder, path), 'utf8')) as { metadata: { name: string } };
    pod.metadata.name = pod.metadata.name.replaceAll('_', '-');
    const { status, body } = await api({
      method: 'POST',
      path: `/api/v1/namespaces/${namespaceOf(level)}/pods?dryRun=All`,
      body: pod,
    });
    const message = status < 400 ? undefined : (body as { message?: string }).message;
    if (status !== wanted.code || (status >= 400 && message !== wanted.message)) {
      misses.push({
        name: path,
        reason: `${status} ${message ?? ''}\nexpected ${wanted.code} ${wanted.message ?? ''}`,
      });
    }
  }
  if (expected.length === 0) misses.push({ name: file, reason: 'it is empty' });
  return { suite, passed: expected.length - misses.length, total: Math.max(1, expected.length), misses };
}

const namespaceOf = (level: string): string => `conformance-${level}`;

async function makeNamespace(api: Api, level: string): Promise<void> {
  const name = namespaceOf(level);
  const labels = {
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/enforce-version': VERSION,
  };
  await api({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
  });
  // Pods need their namespace's ServiceAccount; the controller that makes it is at work already.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await api({ method: 'POST', path: `/api/v1/namespaces/${name}/serviceaccounts`, body: account });
}
