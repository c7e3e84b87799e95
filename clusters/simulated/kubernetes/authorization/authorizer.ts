import type { UserInfo } from '../authentication/user.ts';

/** The resource that a request is about; empty strings where a part is absent. */
export interface ResourceAttributes {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What a request asks for, without who asks. */
export type RequestAttributes =
  | (ResourceAttributes & {
      readonly isResource: true;
      readonly verb: string;
      /** As the request's query has it; the Node authorizer reads it. */
      readonly fieldSelector?: string;
    })
  | { readonly isResource: false; readonly verb: string; readonly path: string };

/** What is asked (apiserver/pkg/authorization/authorizer/interfaces.go Attributes). */
export type Attributes = RequestAttributes & { readonly user: UserInfo };

export interface Decision {
  readonly decision: 'allow' | 'deny' | 'no opinion';
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}
