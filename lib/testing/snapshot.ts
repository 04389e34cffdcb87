/** Here for users' tests; it belongs to the diff, whose normalised form it shows. */
export {
  type SnapshotConstruct,
  SnapshotError,
  type SnapshotStack,
  type StackSnapshot,
  snapshot,
} from "../diff/snapshot";
