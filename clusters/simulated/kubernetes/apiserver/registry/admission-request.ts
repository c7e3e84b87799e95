import type { AdmissionRequest } from '../../admission/plugin.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { WriteContext } from './context.ts';

export interface AdmissionQuestion {
  readonly row: Resource;
  readonly operation: AdmissionRequest['operation'];
  readonly namespace: string;
  readonly name: string;
  readonly object?: KubeObject | undefined;
  readonly oldObject?: KubeObject | undefined;
  readonly context: WriteContext;
}

export const admissionRequest = ({
  row,
  operation,
  namespace,
  name,
  object,
  oldObject,
  context,
}: AdmissionQuestion): AdmissionRequest => ({
  operation,
  resource: row,
  subresource: context.subresource,
  // A namespace is its own namespace for admission (endpoints/request/requestinfo.go).
  namespace: row.namespaced ? namespace : row.plural === 'namespaces' && row.group === '' ? name : '',
  name: name ?? '',
  object,
  oldObject,
  options: context.options,
  dryRun: context.dryRun,
  user: context.user,
  warn: context.warn,
  annotate: context.annotate,
});
