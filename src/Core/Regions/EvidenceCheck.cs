using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>Finds facts that name no source and do not say that they are assumed.</summary>
internal static class EvidenceCheck
{
    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        foreach (var evidence in draft.All<Evidence>())
        {
            if (evidence.Item is not { Sources.Count: 0, Assumed: false }) continue;
            // What could not be bound has been reported by itself and may well have named a source.
            if (!evidence.File.Positions.IsBound(evidence.Path)) continue;
            if (Unread(evidence, "sources") || Unread(evidence, "assumed")) continue;
            yield return evidence.Problem("evidence-missing", "sources", "is empty; name one or set assumed: true");
        }
    }

    private static bool Unread(FilePart<Evidence> evidence, string field) =>
        evidence.Gives(field) && !evidence.Holds(field);
}
