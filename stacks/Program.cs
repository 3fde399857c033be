using ControlPlane.Stacks;
using Pulumi;

return await Deployment.RunAsync<RegionStack>();
