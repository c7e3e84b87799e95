import { randomBytes } from 'node:crypto';
import type { HostName } from '../../protocol/host.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import { type ApiAnswer, type ApiRequest, askApi } from '../api-request.ts';
import type { Lab, Manifest } from '../cluster.ts';
import { shellLine } from '../shell-line.ts';
import { simulatedBackend } from './backend.ts';

/** What a change takes to be seen; on an idle machine it is half a second. */
const WITHIN_MS = 20_000;

/** A lab on machines, for tests of what an administrator of its nodes meets. */
export interface LabOnHosts extends AsyncDisposable {
  readonly lab: Lab;
  /** Both outputs of a line of shell, with its status if that is not 0. */
  sh(host: HostName, line: string): Promise<string>;
  /** Asks the API server as cluster-admin. */
  ask(request: ApiRequest): Promise<ApiAnswer>;
  /** An object of the API; undefined where there is none. */
  get<T>(path: string): Promise<T | undefined>;
  /** Asks again until the answer fits; on time-out the last answer is what the test sees. */
  eventually(ask: () => Promise<string>, wanted: RegExp): Promise<string>;
}

/** Starts a lab with these machines and objects. Disposing of it rejects when it logged something. */
export async function labOnHosts(hosts: readonly HostName[], manifests: readonly Manifest[] = []): Promise<LabOnHosts> {
  const complaints: string[] = [];
  const backend = simulatedBackend({ programs: {}, log: (line) => complaints.push(line) });
  const lab = await backend.create({
    id: labIdFrom(randomBytes(10)),
    seed: { hosts, manifests, files: [] },
    progress: () => undefined,
    signal: AbortSignal.timeout(60_000),
  });
  const ask = async (request: ApiRequest): Promise<ApiAnswer> => askApi(await lab.kubeAccess('admin'), request);
  return {
    lab,
    ask,
    async get<T>(path: string) {
      const { status, body } = await ask({ path });
      return status === 200 ? (body as T) : undefined;
    },
    sh: async (host, line) => shellLine(await lab.host(host), line, { signal: AbortSignal.timeout(30_000) }),
    async eventually(question, wanted) {
      const until = performance.now() + WITHIN_MS;
      let answer = await question();
      while (!wanted.test(answer) && performance.now() < until) answer = await question();
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]();
      if (complaints.length > 0) throw new Error(complaints.join('\n'));
    },
  };
}
