namespace ControlPlane.Server.Hosting;

/// <summary>Counts what is under way, by whose it is; nothing is kept of those who have nothing under way.</summary>
internal sealed class TenantCrowds(int mostOfTenant)
{
    /// <summary>An agent waits for work, renews and reports; one that does much more of it went wrong.</summary>
    public const int MostOfSite = 32;

    private readonly Lock sync = new();
    private readonly Dictionary<CrowdName, int> underWay = [];

    /// <summary>Requests of one tenant that may be under way; of who speaks for several, of that one.</summary>
    public int MostOfTenant => mostOfTenant;

    public bool TryEnter(CrowdName name, int most)
    {
        lock (sync)
        {
            ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                underWay, name, out _);
            if (count >= most) return false;
            count++;
            return true;
        }
    }

    public void Leave(CrowdName name)
    {
        lock (sync)
        {
            if (underWay[name] == 1) underWay.Remove(name);
            else underWay[name]--;
        }
    }

    /// <summary>How many have something under way.</summary>
    public int Count
    {
        get
        {
            lock (sync) return underWay.Count;
        }
    }
}

/// <summary>Whose requests are counted together: a site's, a tenant's, or those of a caller.</summary>
internal readonly record struct CrowdName(char Kind, string Name, string Issuer);
