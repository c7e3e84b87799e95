import { timestamp } from '../../clock.ts';
import { SYSTEM_USER } from '../authentication/user.ts';
import type { FlowSchema } from '../model/generated/objects.ts';
import type { Registry } from './registry/context.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const FIELD_MANAGER = 'api-priority-and-fairness-config-consumer-v1';

/**
 * Says in each FlowSchema whether the priority level that it names exists, which `kubectl get flowschemas` shows as MISSINGPL
 * (apiserver/pkg/util/flowcontrol/apf_controller.go presyncFlowSchemaStatus).
 */
export function tellDanglingFlowSchemas(registry: Registry): Disposable {
  const schemas = registry.store.shelf(`/registry/flowschemas`);
  const levels = registry.store.shelf(`/registry/prioritylevelconfigurations`);
  const stale = new Set<string>();
  const look = (): void => {
    for (const name of stale) {
      const schema = schemas.get(name) as FlowSchema | undefined;
      const level = schema?.spec?.priorityLevelConfiguration?.name ?? '';
      const verdict = verdictOn(level, levels.get(level) !== undefined);
      if (schema !== undefined && !saysSo(schema, verdict)) void write(registry, name, verdict);
    }
    stale.clear();
  };
  // A snapshot comes back object by object; what it says is judged once all of it is there.
  const lookLater = (name: string): void => {
    if (stale.size === 0) queueMicrotask(look);
    stale.add(name);
  };
  const own = schemas.listen(({ type, object }) => {
    if (type !== 'DELETED') lookLater(object.metadata.name);
  });
  const named = levels.listen(({ type }) => {
    if (type !== 'MODIFIED') for (const { metadata } of schemas.list('')) lookLater(metadata.name);
  });
  return {
    [Symbol.dispose]() {
      own[Symbol.dispose]();
      named[Symbol.dispose]();
    },
  };
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function verdictOn(level: string, exists: boolean): Verdict {
  const start = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return exists
    ? { status: 'False', reason: 'Found', message: `${start} and it exists` }
    : { status: 'True', reason: 'NotFound', message: `${start} but there is no such object` };
}

const saysSo = ({ status }: FlowSchema, verdict: Verdict): boolean =>
  status?.conditions?.some(
    ({ type, status, message }) => type === 'Dangling' && status === verdict.status && message === verdict.message,
  ) ?? false;

async function write(registry: Registry, name: string, verdict: Verdict): Promise<void> {
  const row = registry.rows.byPlural('flowschemas', GROUP);
  if (!row) return;
  try {
    await registry.cluster.modify(
      row,
      { namespace: '', name },
      (draft) => {
        const schema = draft as FlowSchema;
        const others = (schema.status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
        const dangling = { type: 'Dangling', ...verdict, lastTransitionTime: timestamp(registry.clock) };
        schema.status = { ...schema.status, conditions: [...others, dangling] };
      },
      { user: SYSTEM_USER, fieldManager: FIELD_MANAGER, subresource: 'status' },
    );
  } catch {
    // Gone or changed meanwhile: the event of that change comes here again.
  }
}
