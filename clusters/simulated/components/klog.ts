import type { Clock } from '../clock.ts';

/**
 * A line as Kubernetes' programs log it: severity, time, thread, place in the source, message
 * (github.com/kubernetes/klog). In its container a program is process 1, and so is its thread.
 */
export function klogLine(clock: Clock, severity: 'I' | 'W' | 'E' | 'F', place: string, message: string): string {
  const [date = '', time = ''] = new Date(clock.now()).toISOString().split('T');
  return `${severity}${date.slice(5).replace('-', '')} ${time.slice(0, 12)}000       1 ${place}] ${message}`;
}
