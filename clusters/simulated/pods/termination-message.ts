import type { Container } from '../kubernetes/model/generated/objects.ts';
import type { LogRing } from './log-ring.ts';

/** What a container may leave in its file (pkg/kubelet/container MaxContainerTerminationMessageLength); bytes. */
export const MAX_MESSAGE = 4096;
/** What of its log stands in for that. */
const MAX_LOG = { lines: 80, bytes: 2048 };

/** The file in which a container tells why it ended. */
export const messagePathOf = ({ terminationMessagePath }: Pick<Container, 'terminationMessagePath'>): string =>
  terminationMessagePath ?? '/dev/termination-log';

/**
 * Why a container ended in its own words, as `state.terminated.message` has it: those of its file, else the end of its log where it asks
 * for that and failed (pkg/kubelet/kuberuntime/kuberuntime_container.go getTerminationMessage).
 */
export function terminationMessage(
  { terminationMessagePolicy }: Pick<Container, 'terminationMessagePolicy'>,
  exitCode: number,
  file: string,
  log: LogRing,
): string | undefined {
  if (file !== '') return file;
  const words = terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0 ? log.tail(MAX_LOG) : '';
  return words === '' ? undefined : words;
}
