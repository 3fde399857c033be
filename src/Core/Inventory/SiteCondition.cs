namespace ControlPlane.Inventory;

/// <summary>What is held of a site from what it says and does not say.</summary>
public enum SiteHealth
{
    Healthy,

    /// <summary>It is silent or said to be ill; nothing new goes there, nothing is moved away.</summary>
    Suspect,

    /// <summary>Its lease is surely over; what may be moved is moved.</summary>
    Lost,

    /// <summary>It is back; nothing goes there until it was stable for a while.</summary>
    Recovering,
}

/// <summary>The state of a site beside what is declared about it.</summary>
public sealed record SiteCondition
{
    public required SiteId Site { get; init; }

    public required SiteHealth Health { get; init; }

    /// <summary>Since when the health is what it is.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Whether an operator keeps new work away.</summary>
    public bool Cordoned { get; init; }

    /// <summary>Whether an operator wants everything moved away.</summary>
    public bool Draining { get; init; }

    /// <summary>Whether an operator stated, on the record, that nothing runs there any more.</summary>
    public bool DeclaredDead { get; init; }

    /// <summary>Losses that count towards the hold-down; forgotten after a long stable time.</summary>
    public int Losses { get; init; }

    /// <summary>
    /// Whether the end of the lease alone stopped what was exclusive, when the site was lost; else a report has to.
    /// </summary>
    public bool WasGuarded { get; init; }

    /// <summary>Who said why, for what an operator did; null when it came by itself.</summary>
    public string? Statement { get; init; }

    /// <summary>Whether new work may go there, as far as this is concerned.</summary>
    public bool IsOpen => Health == SiteHealth.Healthy && !Cordoned && !Draining && !DeclaredDead;
}
