using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>Counts how many empty nodes of one kind hold units: the largest first, each on the first node with
/// room.</summary>
internal sealed class NodePacking(NodePoolSpec kind)
{
    private const int WholeMilli = 1000;

    private readonly List<(UnitNeed Need, int Units)> asked = [];

    /// <summary>Adds units that an empty node can hold.</summary>
    public void Add(UnitNeed need, int units) => asked.Add((need, units));

    public int Nodes()
    {
        var (nodes, firstWithRoom) = (new List<EmptyNode>(), new Dictionary<UnitNeed, int>());
        foreach (var (need, units) in asked
            .OrderByDescending(item => item.Need.AcceleratorMilli).ThenByDescending(item => item.Need.CpuMilli)
            .ThenByDescending(item => item.Need.MemoryMib))
        {
            for (var unit = 0; unit < units; unit++)
            {
                // Nodes only fill up, so what had no room for such a unit has none for the next.
                var at = firstWithRoom.GetValueOrDefault(need);
                while (at < nodes.Count && !nodes[at].TryTake(need)) at++;
                if (at == nodes.Count)
                {
                    nodes.Add(new EmptyNode(kind));
                    if (!nodes[at].TryTake(need)) throw new InvalidOperationException("an empty node cannot hold a "
                        + "unit");
                }

                firstWithRoom[need] = at;
            }
        }

        return nodes.Count;
    }

    private sealed class EmptyNode(NodePoolSpec kind)
    {
        private readonly int[] devices = [.. Enumerable.Repeat(WholeMilli, kind.AcceleratorsPerNode)];
        private long cpuMilli = kind.CpuMilliPerNode;
        private long memoryMib = kind.MemoryMibPerNode;

        public bool TryTake(UnitNeed need)
        {
            if (cpuMilli < need.CpuMilli || memoryMib < need.MemoryMib) return false;
            if (need.Accelerators > 0 && devices.Count(free => free == WholeMilli) < need.Accelerators) return false;
            var shared = need.AcceleratorShareMilli == 0 ? -1 : SharedDevice(need.AcceleratorShareMilli);
            if (need.AcceleratorShareMilli > 0 && shared < 0) return false;
            cpuMilli -= need.CpuMilli;
            memoryMib -= need.MemoryMib;
            if (shared >= 0) devices[shared] -= need.AcceleratorShareMilli;
            for (var (device, taken) = (0, 0); taken < need.Accelerators; device++)
            {
                if (devices[device] != WholeMilli) continue;
                devices[device] = 0;
                taken++;
            }

            return true;
        }

        /// <summary>The fullest device that has room for a share; -1 when none has.</summary>
        private int SharedDevice(int milli)
        {
            var best = -1;
            for (var device = 0; device < devices.Length; device++)
            {
                if (devices[device] >= milli && (best < 0 || devices[device] < devices[best])) best = device;
            }

            return best;
        }
    }
}
