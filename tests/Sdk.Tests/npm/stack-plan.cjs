// What the parts of the stacks share: entries of a plan as maps.
"use strict";
const entries = (list) => Object.fromEntries(list.map((entry) => [entry.Name, entry.Value]));
const tags = (cluster) => entries(cluster.Tags);
const poolTags = (cluster, pool) => ({ ...tags(cluster), "cplane-pool": pool.Pool.Value });
module.exports = { entries, tags, poolTags };
