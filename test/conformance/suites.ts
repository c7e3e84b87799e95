import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend, Lab } from '../../clusters/cluster.ts';
import { kubeconfigOf } from '../../clusters/kubeconfig.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import { kubeRequest } from '../../grader/kube/request.ts';
import type { Api } from './api.ts';
import { podSecurityConformance } from './pod-security.ts';
import { protobufConformance } from './protobuf.ts';
import { rbacConformance } from './rbac.ts';
import type { SuiteResult } from './suite-result.ts';
import { transcriptConformance } from './transcripts.ts';

export type { SuiteResult } from './suite-result.ts';

export interface ConformanceRequest {
  /** The folder that holds `pod-security`, `rbac`, `api-objects` and `transcripts`. */
  readonly fixtures: string;
  readonly backend: Backend;
  readonly kubectl: string;
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
  readonly random: (bytes: number) => Uint8Array;
  readonly signal: AbortSignal;
  /** One suite's name, or its beginning. */
  readonly only?: string;
}

type Suite = (request: ConformanceRequest, lab: Lab) => Promise<SuiteResult>;

const SUITES: Readonly<Record<string, Suite>> = {
  'pod-security': ({ fixtures, signal }, lab) => podSecurityConformance(fixtures, apiOf(lab, signal)),
  rbac: ({ fixtures, signal }, lab) => rbacConformance(fixtures, apiOf(lab, signal)),
  protobuf: ({ fixtures }) => Promise.resolve(protobufConformance(fixtures)),
  'transcripts/cases': (request, lab) => transcripts(request, lab, 'cases'),
  'transcripts/cases-running': (request, lab) => transcripts(request, lab, 'cases-running'),
};

/** Runs each suite against a fresh cluster of its own, and yields its result as it comes. */
export async function* conformance(request: ConformanceRequest): AsyncGenerator<SuiteResult> {
  for (const [name, suite] of Object.entries(SUITES)) {
    if (request.only !== undefined && !name.startsWith(request.only)) continue;
    await using lab = await request.backend.create({
      id: labIdFrom(request.random(10)),
      seed: { hosts: [], manifests: [], files: [] },
      progress: () => undefined,
      signal: request.signal,
    });
    yield await suite(request, lab);
  }
}

async function transcripts(request: ConformanceRequest, lab: Lab, set: string): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-conformance-'));
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf('breachlab', await lab.kubeAccess('admin')), { mode: 0o600 });
    const { fixtures, kubectl, node, env, signal } = request;
    return await transcriptConformance({
      fixtures,
      set,
      kubeconfig,
      kubectl,
      node,
      env: { ...env, HOME: folder },
      signal,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function apiOf(lab: Lab, signal: AbortSignal): Api {
  return async ({ method, path, body }) => {
    const answer = await kubeRequest(await lab.kubeAccess('admin'), {
      method,
      path,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: answer.json };
  };
}
