import { LabError, type Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { NoAnswer } from '../kube/request.ts';
import { observeAccessReview } from './access-review.ts';
import { observeAdmission } from './admission.ts';
import { observeCommand } from './command.ts';
import { observeEtcd } from './etcd.ts';
import { observeFile } from './file.ts';
import { observeFreshSecret } from './fresh-secret.ts';
import { observeHttp } from './http.ts';
import { observeKubeRequest } from './kube-request.ts';
import { observeLeakScan } from './leak-scan.ts';
import { observeListeners } from './listeners.ts';
import { observeObjects } from './objects.ts';
import { messageOf, type Observation, unobservable, within } from './observation.ts';
import { observePodConnect } from './pod-connect.ts';
import { observePodExec } from './pod-exec.ts';
import { observeRights } from './rights.ts';
import { observeSshLogin } from './ssh-login.ts';
import { observeStoredSecrets } from './stored-secrets.ts';
import { observeTcp } from './tcp.ts';
import { observeTls } from './tls.ts';
import { observeWorkloads } from './workloads.ts';

/** Seconds after which any probe is given up; longer than every time-out a scenario may ask for. */
const PROBE_SECONDS = 70;

/**
 * Observes one fact. Whatever goes wrong on the way is `unobservable` with its reason, one probe's trouble never ends a grading;
 * it rejects only when the caller's own signal fires.
 */
export async function observe(probe: Probe, lab: Lab, signal: AbortSignal): Promise<Observation> {
  const time = within(signal, PROBE_SECONDS);
  try {
    return await dispatch(probe, lab, time.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (time.expired()) return unobservable(`no result in ${PROBE_SECONDS} s`);
    if (error instanceof NoAnswer)
      return unobservable(`the API server does not answer: ${error.state} (${error.message})`);
    return unobservable(error instanceof LabError ? `${error.message}. ${error.nextStep}` : messageOf(error));
  }
}

function dispatch(probe: Probe, lab: Lab, signal: AbortSignal): Promise<Observation> {
  switch (probe.kind) {
    case 'tcp':
      return observeTcp(probe, lab, signal);
    case 'http':
      return observeHttp(probe, lab, signal);
    case 'tls':
      return observeTls(probe, lab, signal);
    case 'ssh-login':
      return observeSshLogin(probe, lab, signal);
    case 'kube-request':
      return observeKubeRequest(probe, lab, signal);
    case 'access-review':
      return observeAccessReview(probe, lab, signal);
    case 'rights':
      return observeRights(probe, lab, signal);
    case 'admission':
      return observeAdmission(probe, lab, signal);
    case 'objects':
      return observeObjects(probe, lab, signal);
    case 'workloads':
      return observeWorkloads(probe, lab, signal);
    case 'file':
      return observeFile(probe, lab, signal);
    case 'command':
      return observeCommand(probe, lab, signal);
    case 'listeners':
      return observeListeners(probe, lab, signal);
    case 'etcd':
      return observeEtcd(probe, lab, signal);
    case 'fresh-secret':
      return observeFreshSecret(probe, lab, signal);
    case 'stored-secrets':
      return observeStoredSecrets(probe, lab, signal);
    case 'pod-exec':
      return observePodExec(probe, lab, signal);
    case 'pod-connect':
      return observePodConnect(probe, lab, signal);
    case 'leak-scan':
      return observeLeakScan(probe, lab, signal);
    default:
      return probe satisfies never;
  }
}
