/** What lies at a path of a node. */
export type NodePathKind = 'absent' | 'folder' | 'file' | 'socket' | 'character device' | 'block device' | 'else';
