/** Names of tasks and trees, as the store knows them. */
declare const taskIdBrand: unique symbol;

/** Id of one stored task, unique in the store. The id of a tree is the id of its root task. */
export type TaskId = string & { readonly [taskIdBrand]: 'TaskId' };
/** Id of a tree: the id of its root task. */
export type TreeId = TaskId;
