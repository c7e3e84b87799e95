import { type BenchSetup, createLab, loadBreach } from './bench-setup.ts';
import { type BenchRow, rowOf } from './row.ts';

const LABS = 100;
/** How long a learner's kubectl may take before the bench gives up on it. */
const KUBECTL_MS = 30_000;

/** Many labs at once in one server: how long a learner's kubectl takes, from its start to its end, in one lab after another. */
export async function* benchLabCrowd(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const count = setup.labs ?? LABS;
  await using labs = new AsyncDisposableStack();
  const workstations = [];
  for (let i = 0; i < count; i++) {
    workstations.push(await labs.use(await createLab(setup, scenario)).host('workstation'));
  }
  const times: number[] = [];
  let failures = 0;
  for (const workstation of workstations) {
    const began = performance.now();
    const signal = AbortSignal.any([setup.signal, AbortSignal.timeout(KUBECTL_MS)]);
    const { exitCode } = await workstation.exec(['kubectl', 'get', 'pods', '--all-namespaces'], {
      signal,
      env: { KUBECONFIG: '/root/.kube/config' },
    });
    times.push(performance.now() - began);
    if (exitCode !== 0) failures++;
  }
  yield rowOf('lab-crowd-kubectl', 'ms', times, { labs: count, failures });
}
