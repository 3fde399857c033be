using ControlPlane.Sdk.Sample;
using Pulumi;

// What the tests run against a monitor: one program for each thing that can happen.
return Environment.GetEnvironmentVariable("SAMPLE") switch
{
    "clouds" => await Deployment.RunAsync(CloudsProgram.Run),
    "stack" => await Deployment.RunAsync<OutputsStack>(),
    var name => await Deployment.RunAsync(() => Mishaps.RunAsync(name ?? "nothing")),
};
