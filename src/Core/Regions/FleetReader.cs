using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Reads fleets from their files and remembers the last few, since replays and snapshots ask for the same ones over
/// and over. Remembering changes speed, never an answer. Safe for several threads.
/// </summary>
public sealed class FleetReader
{
    private const int MaxRemembered = 4;

    private readonly Lock gate = new();
    private readonly LinkedList<(string Digest, Checked<Fleet> Fleet)> remembered = [];

    public Checked<Fleet> Read(IReadOnlyCollection<SourceFile> files)
    {
        var digest = FileDigest.Of(files);
        lock (gate)
        {
            foreach (var item in remembered)
            {
                if (item.Digest == digest) return item.Fleet;
            }
        }

        var fleet = RegionFiles.Parse(files);
        lock (gate)
        {
            remembered.AddFirst((digest, fleet));
            if (remembered.Count > MaxRemembered) remembered.RemoveLast();
        }

        return fleet;
    }
}
