namespace ControlPlane.SiteAgent.Drivers.Slurm;

/// <summary>Says how work is run in one Slurm cluster.</summary>
internal sealed record SlurmSettings
{
    /// <summary>User in whose name jobs run.</summary>
    public required string User { get; init; }

    /// <summary>
    /// Folder that agent and nodes share: jobs start in it and watch the guard there. Null: work is not guarded.
    /// </summary>
    public string? SharedFolder { get; init; }
}
