namespace ControlPlane.Rpc;

/// <summary>Names the methods of the engine's resource monitor.</summary>
public static class MonitorMethods
{
    public const string SupportsFeature = "/pulumirpc.ResourceMonitor/SupportsFeature";
    public const string RegisterResource = "/pulumirpc.ResourceMonitor/RegisterResource";
    public const string RegisterResourceOutputs = "/pulumirpc.ResourceMonitor/RegisterResourceOutputs";
    public const string ReadResource = "/pulumirpc.ResourceMonitor/ReadResource";
    public const string Invoke = "/pulumirpc.ResourceMonitor/Invoke";
    public const string SignalAndWaitForShutdown = "/pulumirpc.ResourceMonitor/SignalAndWaitForShutdown";
}

/// <summary>Names the methods of the engine itself.</summary>
public static class EngineMethods
{
    public const string Log = "/pulumirpc.Engine/Log";
    public const string RequirePulumiVersion = "/pulumirpc.Engine/RequirePulumiVersion";
}

/// <summary>Names the methods that a policy pack answers.</summary>
public static class AnalyzerMethods
{
    public const string Handshake = "/pulumirpc.Analyzer/Handshake";
    public const string ConfigureStack = "/pulumirpc.Analyzer/ConfigureStack";
    public const string GetAnalyzerInfo = "/pulumirpc.Analyzer/GetAnalyzerInfo";
    public const string GetPluginInfo = "/pulumirpc.Analyzer/GetPluginInfo";
    public const string Configure = "/pulumirpc.Analyzer/Configure";
    public const string Analyze = "/pulumirpc.Analyzer/Analyze";
    public const string AnalyzeStack = "/pulumirpc.Analyzer/AnalyzeStack";
    public const string Remediate = "/pulumirpc.Analyzer/Remediate";
    public const string Cancel = "/pulumirpc.Analyzer/Cancel";
}
