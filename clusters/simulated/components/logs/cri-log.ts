import type { Line } from '../../pods/log-ring.ts';

/** Kubelet's `containerLogMaxSize`: a log that would be longer is put aside (pkg/kubelet/apis/config/v1beta1/defaults.go). */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;

const NEWLINE = 10;

/** A line as containerd writes it for the kubelet; one that was cut is `P`, partial (k8s.io/cri-api, pkg/cri/io/logger.go). */
export function criLine({ stream, at, bytes, isCut }: Line): string {
  const text = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  return `${new Date(at).toISOString()} ${stream} ${isCut ? 'P' : 'F'} ${text.toString('utf8')}\n`;
}

/** `0.log.20260301-120000`, under which a full log is put aside (pkg/kubelet/logs/container_log_manager.go). */
export function asideName(path: string, now: number): string {
  const [day = '', time = ''] = new Date(now).toISOString().split('T');
  return `${path}.${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
}
