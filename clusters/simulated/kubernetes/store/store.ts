export interface StoreSnapshot {
  readonly revision: number;
}
