return await ControlPlane.Cli.Entry.RunAsync(args);
