import type { Column } from '../resource.ts';
import { AGE, NAME, column, labelSelectorText } from './column.ts';

const integer = { type: 'integer' } as const;

export const WEBHOOK_COLUMNS: readonly Column[] = [
  NAME,
  column<{ webhooks?: unknown[] }>('Webhooks', ({ webhooks }) => webhooks?.length ?? 0, integer),
  AGE,
];

interface AdmissionPolicy {
  spec: {
    validations?: unknown[];
    mutations?: unknown[];
    paramKind?: { apiVersion: string; kind: string };
  };
}

const paramKind = ({ spec: { paramKind } }: AdmissionPolicy): string =>
  paramKind === undefined ? '<unset>' : `${paramKind.apiVersion}/${paramKind.kind}`;

export const VALIDATING_ADMISSION_POLICY_COLUMNS: readonly Column[] = [
  NAME,
  column<AdmissionPolicy>('Validations', ({ spec }) => spec.validations?.length ?? 0, integer),
  column<AdmissionPolicy>('ParamKind', paramKind),
  AGE,
];

export const MUTATING_ADMISSION_POLICY_COLUMNS: readonly Column[] = [
  NAME,
  column<AdmissionPolicy>('Mutations', ({ spec }) => spec.mutations?.length ?? 0, integer),
  column<AdmissionPolicy>('ParamKind', paramKind),
  AGE,
];

interface AdmissionPolicyBinding {
  spec: { policyName?: string; paramRef?: { namespace?: string; name?: string; selector?: object } };
}

export const ADMISSION_POLICY_BINDING_COLUMNS: readonly Column[] = [
  NAME,
  column<AdmissionPolicyBinding>('PolicyName', ({ spec }) => spec.policyName ?? ''),
  column<AdmissionPolicyBinding>('ParamRef', ({ spec: { paramRef } }) => {
    if (paramRef === undefined) return '<unset>';
    if (paramRef.name) return paramRef.namespace ? `${paramRef.namespace}/${paramRef.name}` : `*/${paramRef.name}`;
    return paramRef.selector === undefined ? '<unset>' : labelSelectorText(paramRef.selector);
  }),
  AGE,
];
