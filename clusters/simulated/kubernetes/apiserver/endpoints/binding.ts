import { timestamp } from '../../../clock.ts';
import { ApiError, badRequest, conflict, notFound } from '../../status.ts';
import { readObject } from './body.ts';
import { writeOptions } from './options.ts';
import { writeContext, type ResourceExchange } from '../http/exchange.ts';
import { sendValue } from '../http/respond.ts';
import { update } from '../registry/update.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding', type: 'io.k8s.api.core.v1.Binding' } as const;

/** What upstream calls it when a pod cannot be bound. */
const BINDINGS = { group: '', plural: 'pods/binding' };

/** `pods/binding`, what a scheduler sends (BindingREST of pkg/registry/core/pod/storage/storage.go). */
export async function bind(exchange: ResourceExchange): Promise<void> {
  const { info, parts } = exchange;
  const options = writeOptions(exchange, 'CreateOptions');
  const binding = await readObject(exchange, BINDING, options);
  const target = (binding['target'] ?? {}) as { kind?: string; name?: string };
  if (info.resource !== 'bindings' && binding.metadata.name !== info.name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  const wrong = targetErrors(target);
  // Upstream forgets to make an answer of them, so that they become one of the server's own faults.
  if (wrong.length > 0) throw new ApiError(500, '', wrong.length === 1 ? wrong[0]! : `[${wrong.join(', ')}]`);
  const row = parts.registry.rows.byPlural('pods', '')!;
  const { namespace } = info;
  const name = info.resource === 'bindings' ? binding.metadata.name : info.name;
  const { name: node = '' } = target;
  await update(parts.registry, {
    row,
    namespace,
    name,
    context: { ...writeContext(exchange, options), subresource: 'binding' },
    mayCreate: false,
    change: (live) => {
      if (!live) throw notFound(row, name);
      const draft = structuredClone(live) as typeof live & {
        spec: { nodeName?: string; schedulingGates?: readonly object[] };
        status: { conditions?: { type: string }[] };
      };
      if (draft.metadata.deletionTimestamp) {
        throw conflict(BINDINGS, name, `pod ${name} is being deleted, cannot be assigned to a host`);
      }
      if (draft.spec.nodeName) {
        const node = JSON.stringify(draft.spec.nodeName);
        throw conflict(BINDINGS, name, `pod ${name} is already assigned to node ${node}`);
      }
      if ((draft.spec.schedulingGates ?? []).length > 0) {
        throw conflict(BINDINGS, name, `pod ${name} has non-empty .spec.schedulingGates`);
      }
      draft.spec.nodeName = node;
      Object.assign(draft.metadata, annotated(draft.metadata.annotations, binding.metadata.annotations));
      const others = (draft.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
      const scheduled = {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: timestamp(parts.registry.clock),
      };
      draft.status.conditions = [...others, scheduled];
      return draft;
    },
  });
  sendValue(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

const annotated = (have: Record<string, string> | undefined, more: Record<string, string> | undefined) =>
  more ? { annotations: { ...have, ...more } } : {};

/** ValidatePodBinding */
const targetErrors = ({ kind, name }: { kind?: string; name?: string }): string[] => [
  ...(kind && kind !== 'Node'
    ? [`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`]
    : []),
  ...(name ? [] : ['target.name: Required value']),
];
