import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import { inOrder, printAs } from './output.ts';
import { lastOption } from '../command-line.ts';
import type { CriRequest } from './verb.ts';

const [RUNTIME_NAME = '', RUNTIME_VERSION = ''] = RELEASE.containerd.split('://');

/** As the package of it that goes with this release of Kubernetes (daemons/apt/repositories.ts). */
export const CRICTL_VERSION = RELEASE.kubernetes.replace(/\d+$/, '0');

/** `crictl version` (cri-tools cmd/crictl/version.go). */
export async function showVersion({ call }: CriRequest): Promise<number> {
  await call.stdout(
    `Version:  0.1.0\nRuntimeName:  ${RUNTIME_NAME}\nRuntimeVersion:  v${RUNTIME_VERSION}\nRuntimeApiVersion:  v1\n`,
  );
  return 0;
}

const condition = (type: string) => ({ type, status: true, reason: '', message: '' });

/** `crictl info`: that all is well, which is what a runtime that answers has to say; not its whole configuration. */
export async function showInfo(request: CriRequest): Promise<number> {
  const conditions = ['RuntimeReady', 'NetworkReady', 'ContainerdHasNoDeprecationWarnings'].map(condition);
  const info = { status: { conditions }, lastCNILoadStatus: 'OK', 'lastCNILoadStatus.default': 'OK' };
  const { options } = request;
  await printAs(request, lastOption(options, 'output') ?? 'json', inOrder(info), lastOption(options, 'template'));
  return 0;
}
